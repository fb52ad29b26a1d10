"""The known things of a street."""
