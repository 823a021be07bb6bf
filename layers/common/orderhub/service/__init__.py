"""What staff and schedules do to orders, stores, connections and keys."""
