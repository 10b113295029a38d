"""Data collection (数据收集): recordings and tables from files, archives, servers, data sets and synthesis."""
