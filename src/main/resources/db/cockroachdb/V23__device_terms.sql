-- Nothing: there are no triggers here that this would concern.
SELECT 1;
