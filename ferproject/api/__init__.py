"""What every app's REST API shares: errors, permissions, pages, throttles, the schema."""
