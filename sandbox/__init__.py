"""Gift card suppliers for one machine: real HTTP servers that behave as the suppliers' documents say."""
