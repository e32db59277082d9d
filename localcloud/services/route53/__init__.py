"""Route 53, moto's, with the associations of private zones across accounts."""

from localcloud.services.route53.private_zones import PrivateZones as PrivateZones
