"""Events become people: who is who, and how we know."""
