"""Gift card suppliers and Google Wallet for one machine: real HTTP servers that behave as their documents say."""
