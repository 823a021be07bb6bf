"""From events to actions: the table's stream is the outbox."""
