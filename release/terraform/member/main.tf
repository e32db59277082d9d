# A member account's stack: member.yaml of this release. One of it for each account that may join, with that account's provider.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.0" }
  }
}

variable "network" {
  description = "The outputs of the network's stack: `stack` of the other module, of the same release."
  type        = map(string)
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
  name          = "onramp-${var.network["NetworkName"]}-member"
  template_body = file("${path.module}/../../member.yaml")
  parameters = merge(
    { for name in ["NetworkName", "NetworkAccountId", "ServiceNetworkArn", "TagPrefix"] : name => var.network[name] },
    var.parameters,
  )
  capabilities = ["CAPABILITY_NAMED_IAM"]
  tags         = var.tags
}
