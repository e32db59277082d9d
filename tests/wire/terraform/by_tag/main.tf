# A client team and a service team, who opt in by a tag: of a VPC that somebody else manages, and of a load balancer
# that is Terraform's. The product is deployed, and does the rest.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

variable "join" {
  type    = bool
  default = true
}

locals {
  network = "adways-vpc-lattice-network"
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

  # The answer is in tags that are not Terraform's: without this each plan would want to take them away.
  ignore_tags {
    key_prefixes = ["lattice-onramp:"]
  }
}

# The client

data "aws_vpc" "client" {
  provider = aws.network
  tags     = { Name = "cloud-coe-vpc" }
}

resource "aws_ec2_tag" "client" {
  provider = aws.network
  for_each = var.join ? {
    "lattice:network"    = local.network
    "lattice:allow-from" = "10.1.33.54/32"
  } : {}
  resource_id = data.aws_vpc.client.id
  key         = each.key
  value       = each.value
}

# The service: a load balancer that was there before its owner took up Terraform

import {
  provider = aws.development
  to       = aws_lb.this
  id       = "arn:aws:elasticloadbalancing:ap-northeast-1:222222222222:loadbalancer/app/yabuki-lattice-internal-alb/50dc6c495c0c9188"
}

data "aws_vpc" "service" {
  provider = aws.development
  tags     = { Name = "development-vpc" }
}

data "aws_subnets" "service" {
  provider = aws.development
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.service.id]
  }
}

data "aws_security_group" "balancer" {
  provider = aws.development
  vpc_id   = data.aws_vpc.service.id
  name     = "yabuki-lattice-internal-alb-sg"
}

resource "aws_lb" "this" {
  provider        = aws.development
  name            = "yabuki-lattice-internal-alb"
  internal        = true
  subnets         = data.aws_subnets.service.ids
  security_groups = [data.aws_security_group.balancer.id]
  tags = var.join ? {
    "lattice:network" = local.network
    "lattice:service" = "development-aws-ec2-vpc-lattice-yabuki"
    "lattice:listen"  = "HTTP:80"
  } : {}
}
