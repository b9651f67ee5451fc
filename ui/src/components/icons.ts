// Phosphor, regular: only the icons named here are in the bundle. Add a line to use another.
import archive from '@phosphor-icons/core/assets/regular/archive.svg?raw';
import arrowBendUpLeft from '@phosphor-icons/core/assets/regular/arrow-bend-up-left.svg?raw';
import arrowBendDoubleUpLeft from '@phosphor-icons/core/assets/regular/arrow-bend-double-up-left.svg?raw';
import arrowBendUpRight from '@phosphor-icons/core/assets/regular/arrow-bend-up-right.svg?raw';
import arrowClockwise from '@phosphor-icons/core/assets/regular/arrow-clockwise.svg?raw';
import arrowCounterClockwise from '@phosphor-icons/core/assets/regular/arrow-counter-clockwise.svg?raw';
import arrowLeft from '@phosphor-icons/core/assets/regular/arrow-left.svg?raw';
import arrowsOutSimple from '@phosphor-icons/core/assets/regular/arrows-out-simple.svg?raw';
import arrowsInSimple from '@phosphor-icons/core/assets/regular/arrows-in-simple.svg?raw';
import arrowSquareOut from '@phosphor-icons/core/assets/regular/arrow-square-out.svg?raw';
import at from '@phosphor-icons/core/assets/regular/at.svg?raw';
import bell from '@phosphor-icons/core/assets/regular/bell.svg?raw';
import briefcase from '@phosphor-icons/core/assets/regular/briefcase.svg?raw';
import browser from '@phosphor-icons/core/assets/regular/browser.svg?raw';
import buildings from '@phosphor-icons/core/assets/regular/buildings.svg?raw';
import calendar from '@phosphor-icons/core/assets/regular/calendar-blank.svg?raw';
import caretDown from '@phosphor-icons/core/assets/regular/caret-down.svg?raw';
import caretRight from '@phosphor-icons/core/assets/regular/caret-right.svg?raw';
import caretUpDown from '@phosphor-icons/core/assets/regular/caret-up-down.svg?raw';
import certificate from '@phosphor-icons/core/assets/regular/certificate.svg?raw';
import chatsCircle from '@phosphor-icons/core/assets/regular/chats-circle.svg?raw';
import check from '@phosphor-icons/core/assets/regular/check.svg?raw';
import checkCircle from '@phosphor-icons/core/assets/regular/check-circle.svg?raw';
import checkCircleFill from '@phosphor-icons/core/assets/fill/check-circle-fill.svg?raw';
import circleDashed from '@phosphor-icons/core/assets/regular/circle-dashed.svg?raw';
import clock from '@phosphor-icons/core/assets/regular/clock.svg?raw';
import cloud from '@phosphor-icons/core/assets/regular/cloud.svg?raw';
import code from '@phosphor-icons/core/assets/regular/code.svg?raw';
import cloudSlash from '@phosphor-icons/core/assets/regular/cloud-slash.svg?raw';
import copy from '@phosphor-icons/core/assets/regular/copy.svg?raw';
import currency from '@phosphor-icons/core/assets/regular/currency-circle-dollar.svg?raw';
import database from '@phosphor-icons/core/assets/regular/database.svg?raw';
import dots from '@phosphor-icons/core/assets/regular/dots-three.svg?raw';
import download from '@phosphor-icons/core/assets/regular/download-simple.svg?raw';
import envelope from '@phosphor-icons/core/assets/regular/envelope-simple.svg?raw';
import envelopeOpen from '@phosphor-icons/core/assets/regular/envelope-simple-open.svg?raw';
import eye from '@phosphor-icons/core/assets/regular/eye.svg?raw';
import eyeSlash from '@phosphor-icons/core/assets/regular/eye-slash.svg?raw';
import file from '@phosphor-icons/core/assets/regular/file.svg?raw';
import fileDashed from '@phosphor-icons/core/assets/regular/file-dashed.svg?raw';
import fileDoc from '@phosphor-icons/core/assets/regular/file-doc.svg?raw';
import filePdf from '@phosphor-icons/core/assets/regular/file-pdf.svg?raw';
import fileText from '@phosphor-icons/core/assets/regular/file-text.svg?raw';
import fileXls from '@phosphor-icons/core/assets/regular/file-xls.svg?raw';
import fileZip from '@phosphor-icons/core/assets/regular/file-zip.svg?raw';
import flag from '@phosphor-icons/core/assets/regular/flag.svg?raw';
import flagFill from '@phosphor-icons/core/assets/fill/flag-fill.svg?raw';
import folder from '@phosphor-icons/core/assets/regular/folder.svg?raw';
import folderOpen from '@phosphor-icons/core/assets/regular/folder-open.svg?raw';
import funnel from '@phosphor-icons/core/assets/regular/funnel-simple.svg?raw';
import gear from '@phosphor-icons/core/assets/regular/gear-six.svg?raw';
import globe from '@phosphor-icons/core/assets/regular/globe-simple.svg?raw';
import image from '@phosphor-icons/core/assets/regular/image.svg?raw';
import info from '@phosphor-icons/core/assets/regular/info.svg?raw';
import key from '@phosphor-icons/core/assets/regular/key.svg?raw';
import keyboard from '@phosphor-icons/core/assets/regular/keyboard.svg?raw';
import link from '@phosphor-icons/core/assets/regular/link-simple.svg?raw';
import listBullets from '@phosphor-icons/core/assets/regular/list-bullets.svg?raw';
import listNumbers from '@phosphor-icons/core/assets/regular/list-numbers.svg?raw';
import lock from '@phosphor-icons/core/assets/regular/lock-simple.svg?raw';
import magnifyingGlass from '@phosphor-icons/core/assets/regular/magnifying-glass.svg?raw';
import sealQuestion from '@phosphor-icons/core/assets/regular/seal-question.svg?raw';
import mapPin from '@phosphor-icons/core/assets/regular/map-pin.svg?raw';
import minus from '@phosphor-icons/core/assets/regular/minus.svg?raw';
import moon from '@phosphor-icons/core/assets/regular/moon.svg?raw';
import note from '@phosphor-icons/core/assets/regular/note.svg?raw';
import paperclip from '@phosphor-icons/core/assets/regular/paperclip.svg?raw';
import paperPlane from '@phosphor-icons/core/assets/regular/paper-plane-tilt.svg?raw';
import pause from '@phosphor-icons/core/assets/regular/pause.svg?raw';
import pencil from '@phosphor-icons/core/assets/regular/pencil-simple.svg?raw';
import phone from '@phosphor-icons/core/assets/regular/phone.svg?raw';
import phoneCall from '@phosphor-icons/core/assets/regular/phone-call.svg?raw';
import play from '@phosphor-icons/core/assets/regular/play.svg?raw';
import plugs from '@phosphor-icons/core/assets/regular/plugs.svg?raw';
import plus from '@phosphor-icons/core/assets/regular/plus.svg?raw';
import question from '@phosphor-icons/core/assets/regular/question.svg?raw';
import shieldCheck from '@phosphor-icons/core/assets/regular/shield-check.svg?raw';
import shieldWarning from '@phosphor-icons/core/assets/regular/shield-warning.svg?raw';
import sidebar from '@phosphor-icons/core/assets/regular/sidebar-simple.svg?raw';
import slidersHorizontal from '@phosphor-icons/core/assets/regular/sliders-horizontal.svg?raw';
import signIn from '@phosphor-icons/core/assets/regular/sign-in.svg?raw';
import signature from '@phosphor-icons/core/assets/regular/signature.svg?raw';
import sun from '@phosphor-icons/core/assets/regular/sun.svg?raw';
import tag from '@phosphor-icons/core/assets/regular/tag.svg?raw';
import textBold from '@phosphor-icons/core/assets/regular/text-b.svg?raw';
import textItalic from '@phosphor-icons/core/assets/regular/text-italic.svg?raw';
import textUnderline from '@phosphor-icons/core/assets/regular/text-underline.svg?raw';
import textAa from '@phosphor-icons/core/assets/regular/text-aa.svg?raw';
import trash from '@phosphor-icons/core/assets/regular/trash.svg?raw';
import tray from '@phosphor-icons/core/assets/regular/tray.svg?raw';
import trayArrowUp from '@phosphor-icons/core/assets/regular/tray-arrow-up.svg?raw';
import user from '@phosphor-icons/core/assets/regular/user.svg?raw';
import userPlus from '@phosphor-icons/core/assets/regular/user-plus.svg?raw';
import users from '@phosphor-icons/core/assets/regular/users.svg?raw';
import warning from '@phosphor-icons/core/assets/regular/warning.svg?raw';
import warningCircle from '@phosphor-icons/core/assets/regular/warning-circle.svg?raw';
import wifiSlash from '@phosphor-icons/core/assets/regular/wifi-slash.svg?raw';
import x from '@phosphor-icons/core/assets/regular/x.svg?raw';
import xCircle from '@phosphor-icons/core/assets/regular/x-circle.svg?raw';
import xCircleFill from '@phosphor-icons/core/assets/fill/x-circle-fill.svg?raw';
import addressBook from '@phosphor-icons/core/assets/regular/address-book.svg?raw';
import bellRinging from '@phosphor-icons/core/assets/regular/bell-ringing.svg?raw';
import calendarPlus from '@phosphor-icons/core/assets/regular/calendar-plus.svg?raw';
import hourglass from '@phosphor-icons/core/assets/regular/hourglass-medium.svg?raw';
import linkBreak from '@phosphor-icons/core/assets/regular/link-break.svg?raw';
import listChecks from '@phosphor-icons/core/assets/regular/list-checks.svg?raw';
import lockOpen from '@phosphor-icons/core/assets/regular/lock-simple-open.svg?raw';
import upload from '@phosphor-icons/core/assets/regular/upload-simple.svg?raw';

export const icons = {
  archive,
  arrowBendUpLeft,
  arrowBendDoubleUpLeft,
  arrowBendUpRight,
  arrowClockwise,
  arrowCounterClockwise,
  arrowLeft,
  arrowsOutSimple,
  arrowsInSimple,
  arrowSquareOut,
  at,
  bell,
  briefcase,
  browser,
  buildings,
  calendar,
  caretDown,
  caretRight,
  caretUpDown,
  certificate,
  chatsCircle,
  check,
  checkCircle,
  checkCircleFill,
  circleDashed,
  clock,
  cloud,
  code,
  cloudSlash,
  copy,
  currency,
  database,
  dots,
  download,
  envelope,
  envelopeOpen,
  eye,
  eyeSlash,
  file,
  fileDashed,
  fileDoc,
  filePdf,
  fileText,
  fileXls,
  fileZip,
  flag,
  flagFill,
  folder,
  folderOpen,
  funnel,
  gear,
  globe,
  image,
  info,
  key,
  keyboard,
  link,
  listBullets,
  listNumbers,
  lock,
  magnifyingGlass,
  sealQuestion,
  mapPin,
  minus,
  moon,
  note,
  paperclip,
  paperPlane,
  pause,
  pencil,
  phone,
  phoneCall,
  play,
  plugs,
  plus,
  question,
  shieldCheck,
  shieldWarning,
  sidebar,
  slidersHorizontal,
  signIn,
  signature,
  sun,
  tag,
  textBold,
  textItalic,
  textUnderline,
  textAa,
  trash,
  tray,
  trayArrowUp,
  user,
  userPlus,
  users,
  warning,
  warningCircle,
  wifiSlash,
  x,
  xCircle,
  xCircleFill,
  addressBook,
  bellRinging,
  calendarPlus,
  hourglass,
  linkBreak,
  listChecks,
  lockOpen,
  upload,
} as const;

export type IconName = keyof typeof icons;
