-- Takes away what V16 adds, with the server stopped. The program works without, only slower.
DROP INDEX IF EXISTS devices_by_community_status;
DROP INDEX IF EXISTS devices_by_customer;
DROP INDEX IF EXISTS devices_by_distributor;
DROP INDEX IF EXISTS alert_history_open_counts;
