"""A cloud's RPC endpoint: signatures and replay are verified, lists are paged, calls are throttled."""
