"""A Huawei USG that speaks its command line over SSH, as strict as a real one."""
