"""Which pages are compressed on their way: those that anybody could get (docs/adr/0031)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# How the names of our cookies begin under HTTPS (web.cookies). What neighbouring hosts set is not read.
OURS = ("__Host-", "__Secure-")


class CompressionMiddleware(GZipMiddleware):
    """Compresses an answer to a browser that is nobody yet; what holds somebody's data goes as it is."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the answer, compressed where the request told nothing of who is asking."""
        if request.method != "GET" or _leads_to_somebody(request):
            return response
        return super().process_response(request, response)


def _leads_to_somebody(request: HttpRequest) -> bool:
    harmless = {settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME}
    return any(
        name not in harmless and (name.startswith(OURS) or not settings.HTTPS) for name in request.COOKIES
    )
