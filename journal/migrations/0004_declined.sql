-- A documented code was taken for proof that nothing was carried out. It is the platform's word about
-- one delivery: declined.
UPDATE konaplate_journal SET state = 'declined' WHERE state = 'refused';
