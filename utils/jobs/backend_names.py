"""The backends by name; nothing is imported for that."""

EMBEDDED = "embedded"
SDK = "sdk"
BOTH = "both"
AUTO = "auto"
CHOICES = (AUTO, SDK, EMBEDDED, BOTH)
