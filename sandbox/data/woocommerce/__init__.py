"""A recorded WooCommerce 10.0.2 shop (USD, New York): what it answered, without hosts, links and keys; data only."""
