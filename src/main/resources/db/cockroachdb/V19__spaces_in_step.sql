-- CockroachDB has no triggers on columns: what keeps the tables of spaces in step there is the program alone, in
-- transactions that are serializable.
SELECT 1;
