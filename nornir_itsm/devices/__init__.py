"""The devices behind Nornir: sessions, tasks, and the fleet that the core asks and writes to."""
