"""A program pack, a folder of files that holds everything about one city: read, checked, compared, loaded."""
