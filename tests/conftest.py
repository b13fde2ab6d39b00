"""What all tests share. The database comes from scripts/with_postgres.sh."""
