"""What the REST APIs of all apps share."""
