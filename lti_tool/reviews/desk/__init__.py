"""The assessor's desk: queue, reading, findings and feedback saved by themselves."""
