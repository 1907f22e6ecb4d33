import struct
import zlib
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from households.models import AuditEvent
from households.roles import Role
from ledger.evidence import PHOTO_BYTES, PhotoRefused, attach_photos, read_photo
from ledger.forgetting import PHOTOS_KEPT, forget_photos
from ledger.models import EvidencePhoto
from tests.factories import HouseholdFactory, VillageFactory, serve
from tests.ledger.desk import address, record_last_month

ORIENTATION, LATITUDE, COMMENT = 0x0112, 0x8825, b"taken at home"


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def evidence(household, media):
    deed = record_last_month(household)
    (photo,) = attach_photos([deed], [read_photo(picture())], at=deed.recorded_at)
    return photo


def upload(content, name="photo.jpg"):
    return SimpleUploadedFile(name, content)


def picture(size=(80, 60), mode="RGB", kind="JPEG", **saved):
    file = BytesIO()
    Image.new(mode, size, "red" if mode != "L" else 80).save(file, kind, **saved)
    return upload(file.getvalue())


def opened(content):
    return Image.open(BytesIO(content))


def png_header(width, height):
    """A PNG that says it is huge and holds nothing."""

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    empty = chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return upload(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + empty)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("RGB", "JPEG"),
        ("L", "JPEG"),
        ("CMYK", "JPEG"),
        ("RGB", "PNG"),
        ("RGBA", "PNG"),
        ("P", "PNG"),
        ("LA", "PNG"),
        ("RGB", "WEBP"),
        ("RGBA", "WEBP"),
    ],
)
def test_every_accepted_photo_becomes_a_jpeg(mode, kind):
    file = BytesIO()
    Image.new(mode, (80, 60)).save(file, kind)

    photo = opened(read_photo(upload(file.getvalue())))

    assert (photo.format, photo.mode, photo.size) == ("JPEG", "RGB", (80, 60))


def test_nothing_but_the_picture_survives():
    exif = Image.Exif()
    exif[ORIENTATION] = 1
    exif[LATITUDE] = {1: "N", 2: (30.0, 1.0, 2.0)}

    content = read_photo(
        picture(exif=exif, comment=COMMENT, xmp=b"<x:xmpmeta/>", icc_profile=b"profile")
    )

    photo = opened(content)
    assert not dict(photo.getexif())
    assert COMMENT not in content
    assert not {"comment", "xmp", "exif", "icc_profile"} & photo.info.keys()


def test_a_photo_taken_sideways_stands_upright():
    exif = Image.Exif()
    exif[ORIENTATION] = 6

    photo = opened(read_photo(picture((80, 60), exif=exif)))

    assert photo.size == (60, 80)


def test_a_large_photo_is_made_to_fit():
    photo = opened(read_photo(picture((4000, 3000))))

    assert photo.size == (1600, 1200)


def test_the_second_picture_in_a_phone_photo_is_left_behind():
    file = BytesIO()
    first, second = (Image.new("RGB", (80, 60), color) for color in ("red", "blue"))
    first.save(file, "MPO", save_all=True, append_images=[second])

    photo = opened(read_photo(upload(file.getvalue())))

    red, _green, blue = photo.getpixel((40, 30))
    assert photo.format == "JPEG"
    assert red > blue


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_moving_picture_is_refused(kind):
    file = BytesIO()
    frames = [Image.new("RGB", (40, 30), color) for color in ("red", "blue")]
    frames[0].save(file, kind, save_all=True, append_images=frames[1:])

    with pytest.raises(PhotoRefused):
        read_photo(upload(file.getvalue()))


@pytest.mark.parametrize(
    ("width", "height"), [(12_001, 10), (8_000, 7_000), (60_000, 60_000)]
)
def test_too_many_pixels_are_refused_before_decoding(width, height):
    with pytest.raises(PhotoRefused, match="12"):
        read_photo(png_header(width, height))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no photo",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xff\xd8\xff\xe0 cut off",
    ],
)
def test_what_is_no_photo_is_refused(content):
    with pytest.raises(PhotoRefused):
        read_photo(upload(content))


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF"])
def test_other_formats_are_refused_whatever_they_are_called(kind):
    with pytest.raises(PhotoRefused):
        read_photo(picture(kind=kind))


def test_a_file_that_is_too_large_is_not_even_read():
    class Endless:
        size = PHOTO_BYTES + 1

        def read(self):
            raise AssertionError("read")

    with pytest.raises(PhotoRefused, match="10"):
        read_photo(Endless())


def test_a_file_name_says_nothing(evidence, media):
    village = evidence.village.slug
    folder, name = evidence.image.name.rsplit("/", 1)

    assert folder == f"evidence/{village}"
    assert len(name) == len("0" * 32 + ".jpg")
    assert (media / evidence.image.name).is_file()


def test_a_photo_is_shown_to_who_serves_the_village(client, recorder, evidence):
    client.force_login(recorder)

    response = client.get(address("evidence", evidence.pk))

    assert opened(b"".join(response.streaming_content)).format == "JPEG"
    headers = response.headers
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Cache-Control"] == "private, no-store"


def test_a_photo_is_not_found_by_anybody_else(client, village, evidence):
    photo = address("evidence", evidence.pk)

    assert client.get(photo).status_code == 302
    for person in (
        serve(VillageFactory(), Role.ADMIN),
        serve(village, Role.SHOPKEEPER),
    ):
        client.force_login(person)
        assert client.get(photo).status_code == 404


def test_a_photo_has_no_address_of_its_own(client, recorder, evidence):
    client.force_login(recorder)

    for path in (f"/media/{evidence.image.name}", f"/{evidence.image.name}"):
        assert client.get(path).status_code == 404


def test_one_file_shows_the_deeds_of_many_households(village, media):
    deeds = [
        record_last_month(HouseholdFactory(village=village)) for _household in "abc"
    ]

    attach_photos(deeds, [read_photo(picture())], at=deeds[0].recorded_at)

    assert {photo.deed for photo in EvidencePhoto.objects.all()} == set(deeds)
    assert len([path for path in media.rglob("*") if path.is_file()]) == 1


def test_photos_are_erased_after_two_years_and_the_deed_stays(
    evidence, media, django_capture_on_commit_callbacks
):
    village, deed = evidence.village, evidence.deed
    file = media / evidence.image.name
    end = evidence.added_at + PHOTOS_KEPT

    assert forget_photos(village, at=end - timedelta(seconds=1)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert forget_photos(village, at=end) == 1

    assert not file.exists()
    assert not EvidencePhoto.objects.exists()
    deed.refresh_from_db()
    assert AuditEvent.objects.get(action="photos.forget").facts == {"files": 1}
    assert forget_photos(village, at=end) == 0


def test_a_file_that_a_newer_deed_shows_too_is_kept(
    evidence, media, django_capture_on_commit_callbacks
):
    newer = evidence.added_at + timedelta(days=90)
    EvidencePhoto.objects.create(
        village=evidence.village,
        deed=evidence.deed,
        image=evidence.image.name,
        added_at=newer,
    )

    with django_capture_on_commit_callbacks(execute=True):
        assert forget_photos(evidence.village, at=evidence.added_at + PHOTOS_KEPT) == 0

    assert (media / evidence.image.name).exists()
    assert EvidencePhoto.objects.get().added_at == newer


def test_another_village_s_photos_are_not_touched(evidence):
    forget_photos(VillageFactory(), at=evidence.added_at + 2 * PHOTOS_KEPT)

    assert EvidencePhoto.objects.exists()
