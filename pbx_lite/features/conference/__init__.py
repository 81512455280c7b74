"""Conference rooms: an extension, a PIN, and everybody hears everybody."""
