"""What the app in a pocket is told, and what its buttons do."""
