-- Entries are found by their sequence id, too.
CREATE INDEX konaplate_calls_sequence_id ON konaplate_calls (sequence_id, number)
    WHERE sequence_id IS NOT NULL;
