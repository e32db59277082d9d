# The nine manual steps of the walk-through (events/by-hand), as the two account owners keep them with Terraform.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

# A key of twelve digits is the owner of that account; the endpoint comes from AWS_ENDPOINT_URL.
provider "aws" {
  alias      = "network"
  region     = "ap-northeast-1"
  access_key = "111111111111"
  secret_key = "local"
}

provider "aws" {
  alias      = "development"
  region     = "ap-northeast-1"
  access_key = "222222222222"
  secret_key = "local"

  default_tags {
    tags = { Team = "development" }
  }
}

data "aws_caller_identity" "network" {
  provider = aws.network
}

data "aws_caller_identity" "development" {
  provider = aws.development
}

# 1 Create the service network, its auth type chosen

resource "aws_vpclattice_service_network" "this" {
  provider  = aws.network
  name      = "adways-vpc-lattice-network"
  auth_type = "AWS_IAM"
  tags      = { Owner = "infra" }
}

# 2 Define access and monitoring

resource "aws_vpclattice_auth_policy" "network" {
  provider            = aws.network
  resource_identifier = aws_vpclattice_service_network.this.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "vpc-lattice-svcs:Invoke"
      Resource  = "*"
      Condition = {
        StringEquals = {
          "vpc-lattice-svcs:SourceVpcOwnerAccount" = [data.aws_caller_identity.network.account_id]
        }
      }
    }]
  })
}

resource "aws_cloudwatch_log_group" "network" {
  provider          = aws.network
  name              = "/lattice/adways"
  retention_in_days = 30
}

resource "aws_vpclattice_access_log_subscription" "network" {
  provider            = aws.network
  resource_identifier = aws_vpclattice_service_network.this.id
  destination_arn     = aws_cloudwatch_log_group.network.arn
}

# 3 Associate the client VPC, with a security group that lets 10.1.33.54/32 in

data "aws_vpc" "client" {
  provider = aws.network
  tags     = { Name = "cloud-coe-vpc" }
}

resource "aws_security_group" "clients" {
  provider    = aws.network
  name        = "lattice-clients"
  description = "Who may enter the network"
  vpc_id      = data.aws_vpc.client.id
}

resource "aws_vpc_security_group_ingress_rule" "server" {
  provider          = aws.network
  security_group_id = aws_security_group.clients.id
  description       = "cloud_coe_server"
  cidr_ipv4         = "10.1.33.54/32"
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
}

resource "aws_vpclattice_service_network_vpc_association" "client" {
  provider                   = aws.network
  service_network_identifier = aws_vpclattice_service_network.this.id
  vpc_identifier             = data.aws_vpc.client.id
  security_group_ids         = [aws_security_group.clients.id]
}

# 4 Create a target group in the load balancer's VPC, register the load balancer

data "aws_lb" "this" {
  provider = aws.development
  name     = "yabuki-lattice-internal-alb"
}

data "aws_lb_listener" "this" {
  provider          = aws.development
  load_balancer_arn = data.aws_lb.this.arn
  port              = 80
}

resource "aws_vpclattice_target_group" "this" {
  provider = aws.development
  name     = data.aws_lb.this.name
  type     = "ALB"

  config {
    port           = data.aws_lb_listener.this.port
    protocol       = data.aws_lb_listener.this.protocol
    vpc_identifier = data.aws_lb.this.vpc_id
  }
}

resource "aws_vpclattice_target_group_attachment" "this" {
  provider                = aws.development
  target_group_identifier = aws_vpclattice_target_group.this.id

  target {
    id   = data.aws_lb.this.arn
    port = data.aws_lb_listener.this.port
  }
}

# 5 Create the service, its listener and rules to the target group

resource "aws_vpclattice_service" "this" {
  provider  = aws.development
  name      = "development-aws-ec2-vpc-lattice-yabuki"
  auth_type = "NONE"
}

resource "aws_vpclattice_listener" "this" {
  provider           = aws.development
  name               = "http-80"
  protocol           = "HTTP"
  port               = 80
  service_identifier = aws_vpclattice_service.this.id

  default_action {
    fixed_response {
      status_code = 404
    }
  }
}

resource "aws_vpclattice_listener_rule" "this" {
  provider            = aws.development
  name                = "all"
  listener_identifier = aws_vpclattice_listener.this.listener_id
  service_identifier  = aws_vpclattice_service.this.id
  priority            = 10

  match {
    http_match {
      path_match {
        case_sensitive = true
        match {
          prefix = "/"
        }
      }
    }
  }

  action {
    forward {
      target_groups {
        target_group_identifier = aws_vpclattice_target_group.this.id
        weight                  = 100
      }
    }
  }
}

# 6 Share the service network with the account

resource "aws_ram_resource_share" "network" {
  provider                  = aws.network
  name                      = aws_vpclattice_service_network.this.name
  allow_external_principals = true
}

resource "aws_ram_resource_association" "network" {
  provider           = aws.network
  resource_arn       = aws_vpclattice_service_network.this.arn
  resource_share_arn = aws_ram_resource_share.network.arn
}

resource "aws_ram_principal_association" "development" {
  provider           = aws.network
  principal          = data.aws_caller_identity.development.account_id
  resource_share_arn = aws_ram_resource_share.network.arn
}

# 7 Accept the share

resource "aws_ram_resource_share_accepter" "development" {
  provider   = aws.development
  share_arn  = aws_ram_principal_association.development.resource_share_arn
  depends_on = [aws_ram_resource_association.network]
}

# 8 Associate the service with the shared network

resource "aws_vpclattice_service_network_service_association" "this" {
  provider                   = aws.development
  service_identifier         = aws_vpclattice_service.this.id
  service_network_identifier = aws_vpclattice_service_network.this.arn
  depends_on                 = [aws_ram_resource_share_accepter.development]
}

# 9 Check that it answers: `onramp local request --from 10.1.33.54 http://$(terraform output -raw domain)/`

output "domain" {
  value = aws_vpclattice_service.this.dns_entry[0].domain_name
}
