-- Takes away what V16 adds, while others go on to write; not inside a transaction. The program works without, only slower.
DROP INDEX CONCURRENTLY IF EXISTS devices_by_community_status;
DROP INDEX CONCURRENTLY IF EXISTS devices_by_customer;
DROP INDEX CONCURRENTLY IF EXISTS devices_by_distributor;
