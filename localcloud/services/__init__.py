"""AWS's services, a package each, under AWS's own names; none imports another."""
