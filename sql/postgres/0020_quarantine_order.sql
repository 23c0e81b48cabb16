-- Rejected rows are walked over in the order of their receipt, a page at a time.
CREATE INDEX batches_received ON batches ("receivedAt", id)
