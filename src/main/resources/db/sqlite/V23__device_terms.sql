-- Nothing: this concerns triggers of PostgreSQL. The versions of both engines go together, as a backup of one is restored into the other.
SELECT 1;
