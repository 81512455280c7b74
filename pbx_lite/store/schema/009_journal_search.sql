-- What a search looks for: words without accents and capitals, and digits.  `sought` is a function of the store's own.
ALTER TABLE journal ADD COLUMN sought TEXT NOT NULL DEFAULT '';
UPDATE journal SET sought = sought(caller, caller_name, number, callee_name);
