"""The canonical order and its rules. Pure: no AWS, no HTTP, nothing of the other packages but the errors."""
