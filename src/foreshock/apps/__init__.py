"""Applications: what the road is for. Each is a package that knows the floors below and no other application."""
