"""The one logger and the one set of metrics; a function adds its own keys."""

from aws_lambda_powertools import Logger, Metrics

from onramp import __version__

logger = Logger(version=__version__)
metrics = Metrics()
