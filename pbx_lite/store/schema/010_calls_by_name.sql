-- A search reads one person's calls as they lie here, newest first, with what is searched of each; '' is everybody.
-- `key` is what all ways of writing the number outside have in common: names of phonebooks are found by it.
ALTER TABLE journal_user ADD COLUMN key TEXT NOT NULL DEFAULT '';
ALTER TABLE journal_user ADD COLUMN sought TEXT NOT NULL DEFAULT '';
INSERT INTO journal_user (user, id) SELECT '', id FROM journal;
UPDATE journal_user SET
    key = (
        SELECT CASE direction WHEN 'inbound' THEN caller WHEN 'outbound' THEN number ELSE '' END
        FROM journal WHERE journal.id = journal_user.id
    ),
    sought = (SELECT journal.sought FROM journal WHERE journal.id = journal_user.id);
ALTER TABLE journal DROP COLUMN sought;

ALTER TABLE contact ADD COLUMN sought TEXT NOT NULL DEFAULT '';
UPDATE contact SET sought = sought(
    first, last, company,
    ifnull(json_extract(numbers, '$[0][1]'), ''), ifnull(json_extract(numbers, '$[1][1]'), ''),
    ifnull(json_extract(numbers, '$[2][1]'), ''), ifnull(json_extract(numbers, '$[3][1]'), ''),
    ifnull(json_extract(numbers, '$[4][1]'), ''), ifnull(json_extract(numbers, '$[5][1]'), ''),
    ifnull(json_extract(numbers, '$[6][1]'), ''), ifnull(json_extract(numbers, '$[7][1]'), ''),
    ifnull(json_extract(numbers, '$[8][1]'), ''), ifnull(json_extract(numbers, '$[9][1]'), '')
);
