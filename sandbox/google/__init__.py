"""Google Wallet from Google's side: its REST API, its token endpoint and the page of a save link."""
