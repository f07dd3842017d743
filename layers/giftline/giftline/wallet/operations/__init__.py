"""What each bulk call does to one row, as pure plans; and how rows make up one transaction."""
