"""Pictures of pages, made when they are first asked for and kept among the derivatives."""

from requests_app.documents.rendering.paged import NoPages, paged_of
from requests_app.documents.rendering.pictures import READING, THUMBNAIL, WIDTHS, NoPicture, page_picture, picture_name

__all__ = ["READING", "THUMBNAIL", "WIDTHS", "NoPages", "NoPicture", "page_picture", "paged_of", "picture_name"]
