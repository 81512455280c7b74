"""What open pages of the panel see and may ask, each as its person."""
