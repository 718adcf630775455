"""Fetches URLs with urllib: fetch.py <proxy> <CA file> <url>...; one line of JSON for each."""

import http.client
import json
import ssl
import sys
import urllib.error
import urllib.request

proxy, ca_file, *urls = sys.argv[1:]
opener = urllib.request.build_opener(
    urllib.request.ProxyHandler({"http": proxy, "https": proxy}),
    urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca_file)),
)
for url in urls:
    try:
        with opener.open(url, timeout=20) as response:
            result = {"status": response.status, "body": response.read().decode()}
    except urllib.error.HTTPError as error:
        result = {"status": error.code, "body": error.read().decode()}
    except http.client.HTTPException as error:
        result = {"error": repr(error)}
    except OSError as error:
        result = {"error": str(error)}
    print(json.dumps(result))
