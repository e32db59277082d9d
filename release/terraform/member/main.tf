# A member account's stack: member.yaml of this release. One of it for each account that may join, with that account's provider.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.0" }
  }
}

variable "network" {
  description = "`stack` of the module `network`, of the same release."
  type = object({
    NetworkName       = string
    NetworkAccountId  = string
    ServiceNetworkArn = string
    TagPrefix         = string
  })
}

variable "parameters" {
  description = "More of the stack's parameters: RolePath, BoundaryPolicy, ExtraTagKeys, MemberAlarms, HostedZoneArns, RecordDomains, AssociateZones."
  type        = map(string)
  default     = {}
}

variable "tags" {
  description = "Tags of the stack and of all that it makes."
  type        = map(string)
  default     = {}
}

resource "aws_cloudformation_stack" "member" {
  name          = "onramp-${var.network.NetworkName}-member"
  template_body = file("${path.module}/../../member.yaml")
  parameters    = merge(var.network, var.parameters)
  capabilities  = ["CAPABILITY_NAMED_IAM"]
  tags          = var.tags
}
