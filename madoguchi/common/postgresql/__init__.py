"""The database engine: PostgreSQL counted by django-prometheus, with a cheaper look at the line."""
