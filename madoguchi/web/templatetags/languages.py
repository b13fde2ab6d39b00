"""The language of a page, as HTML names it."""

from django import template

from madoguchi.web.languages import html_name

register = template.Library()
register.filter("html_language", html_name)
