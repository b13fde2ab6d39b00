"""The database engine: PostgreSQL with django-prometheus and a cheaper health check."""
