# The network account's stack: template.yaml of this release, its code in a bucket of yours. The stack's parameters are those
# of docs/deploy.md, by their names.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.0" }
  }
}

variable "network_name" {
  description = "The service network's name: NetworkName."
  type        = string
}

variable "bucket" {
  description = "A bucket of the network account in the same region; the release's code and template are put there."
  type        = string
}

variable "parameters" {
  description = "More of the stack's parameters: MemberAccounts, or OrganizationId and MemberUnits, and so on."
  type        = map(string)
  default     = {}
}

variable "tags" {
  description = "Tags of the stack and of all that it makes."
  type        = map(string)
  default     = {}
}

data "aws_region" "current" {}

data "aws_partition" "current" {}

locals {
  release = "${path.module}/../.."
  # One release, one place: a new one is uploaded beside the old, which goes when the stack has left it, so that a deployment
  # that fails can be rolled back.
  place = "lattice-onramp/${filesha256("${local.release}/SHA256SUMS")}"
  code  = { for file in fileset(local.release, "{functions,layers}/*") : "${local.place}/${file}" => file }
  # What `aws cloudformation package` does: the places of code in the template are those in the bucket.
  template = replace(
    file("${local.release}/template.yaml"),
    "/(CodeUri|ContentUri|DefinitionUri): ((functions|layers)/[.\\w]+)/",
    "$1: s3://${var.bucket}/${local.place}/$2",
  )
}

resource "aws_s3_object" "code" {
  for_each = local.code
  bucket   = var.bucket
  key      = each.key
  source   = "${local.release}/${each.value}"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_s3_object" "template" {
  for_each = toset(["${local.place}/template.yaml"])
  bucket   = var.bucket
  key      = each.key
  content  = local.template

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudformation_stack" "network" {
  name         = "onramp-${var.network_name}"
  template_url = "https://${var.bucket}.s3.${data.aws_region.current.id}.${data.aws_partition.current.dns_suffix}/${one(values(aws_s3_object.template)).key}"
  parameters   = merge({ NetworkName = var.network_name }, var.parameters)
  capabilities = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
  tags         = var.tags

  depends_on = [aws_s3_object.code]
}

# Each by itself: the outputs as a whole are unknown while a change of the stack is planned, and the members' stacks, whose names hold
# the network's, would be replaced.
output "stack" {
  description = "What the members' stacks are given."
  value = {
    NetworkName       = var.network_name
    NetworkAccountId  = aws_cloudformation_stack.network.outputs["NetworkAccountId"]
    ServiceNetworkArn = aws_cloudformation_stack.network.outputs["ServiceNetworkArn"]
    TagPrefix         = aws_cloudformation_stack.network.outputs["TagPrefix"]
  }
}
