"""Signs requests as Amazon's own client does: a JSON array of requests comes in, one of Authorization headers goes out."""

import datetime
import json
import sys

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def signature(request):
    now = datetime.datetime.fromtimestamp(request["now"] / 1000, datetime.timezone.utc).replace(tzinfo=None)
    # The time is not an argument.
    botocore.auth.get_current_datetime = lambda *_args, **_kw: now
    made = AWSRequest(request["method"], request["url"], headers=request["headers"], data=bytes(request["body"], "utf8"))
    # Without it, the body of a request over TLS is not signed.
    made.context["client_config"] = None
    made.context["payload_signing_enabled"] = True
    botocore.auth.S3SigV4Auth(Credentials("AKID", "secret", request["token"]), "s3", request["region"]).add_auth(made)
    return made.headers["Authorization"]


print(json.dumps([signature(request) for request in json.load(sys.stdin)]))
