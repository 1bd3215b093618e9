-- A sequence id is sent once. This is the one that an entry holds against others: its own, unless the
-- call certainly never left. Of entries of an older version that share one, the first holds it.
ALTER TABLE konaplate_journal ADD COLUMN holds_sequence_id TEXT;
UPDATE konaplate_journal SET holds_sequence_id = sequence_id
WHERE state <> 'not_sent' AND sequence_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM konaplate_journal AS other
    WHERE other.sequence_id = konaplate_journal.sequence_id
      AND other.state <> 'not_sent'
      AND (other.intended_at < konaplate_journal.intended_at
        OR (other.intended_at = konaplate_journal.intended_at
          AND other.correlation_id < konaplate_journal.correlation_id))
);
CREATE UNIQUE INDEX konaplate_journal_sequence_ids ON konaplate_journal (holds_sequence_id);
