"""Names for devices: whatever an order says, a name is one plain word of the device's language."""

from unicodedata import category

from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.model.firewall import ServiceEntry
from nornir_itsm.stages.naming import LONGEST, alternatives, name, safe, service_name
from nornir_itsm.stages.render.stoneos import quoted
from tests.stages.example_site import known

TEXTS = st.text(st.characters(), max_size=80)
REFUSED = set(",'\";\\/<>&#?|`$%{}[]\t\r\n ")


@given(TEXTS)
def test_a_safe_text_holds_nothing_that_a_device_reads_as_syntax(text: str) -> None:
    """No quotes, separators, blanks, controls, marks that nobody sees; short; and safe stays as it is."""
    made = safe(text)
    assert len(made) <= LONGEST
    assert not REFUSED & set(made)
    assert not any(category(sign)[0] in "CZ" for sign in made)
    assert safe(made) == made


@given(TEXTS, TEXTS, st.booleans())
def test_every_pattern_gives_a_name_that_can_be_quoted(customer: str, system: str, taken: bool) -> None:
    """Braces in an order are no fields; a name that is taken gets a number; a name is never empty."""
    site = known().site
    for kind in site.naming:
        fields = {"customer": customer, "system": system, "protocol": "TCP", "ports": "1"}
        fields |= {"ips": customer, "ends": "1-2", "isp": system}
        first = name(site, kind, (), **fields)
        assert quoted(first) == f'"{first}"'
        second = name(site, kind, {first} if taken else (), **fields)
        assert (second != first) == taken
        assert len(second) <= LONGEST
        assert all(not REFUSED & set(one) for one in alternatives(site, kind, **fields))


def test_ordinary_names_are_not_touched() -> None:
    """Brackets, dashes and Chinese in a name stay."""
    assert safe("EIP-示例期货公司A3-(213-53)") == "EIP-示例期货公司A3-(213-53)"
    assert safe("示例C官网（白名单）") == "示例C官网（白名单）"
    fields = {"customer": "示例期货公司A", "system": "示例本地行情"}
    assert name(known().site, "outbound_rule", (), **fields) == "示例期货公司A-示例本地行情上网"


def test_services_are_called_by_what_they_hold() -> None:
    """Protocol and ports; numbered where the name is taken by something else."""
    site = known().site
    assert service_name(site, ServiceEntry(6, 443, 443), ()) == "TCP-443"
    assert service_name(site, ServiceEntry(17, 500, 510), ()) == "UDP-500-510"
    assert service_name(site, ServiceEntry(6, 443, 443), {"TCP-443"}) == "TCP-443-2"
