"""The work behind the queues: fetching orders, telling platforms, polling them."""
