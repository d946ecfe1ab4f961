"""JSON API endpoints, one file a noun."""
