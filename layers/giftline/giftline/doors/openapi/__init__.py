"""What each door says of its own calls, and the OpenAPI document made of it."""
